/** The part of Go's text/template that configuration files and mails are written in. */
export { goFunctions, isTrue, print } from './functions.js';
export { TemplateError } from './template-error.js';
export { compileTemplate, type Language, type Piece, type Template, type TemplateFunction } from './render.js';
export { type Value } from './value.js';
