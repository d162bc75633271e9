import type { DigestOptions } from './digest-options.js';
import type { Recipe } from './recipe.js';
import { readDigest, recipeOf } from './recipes.js';

/** A digest no password opens, which costs to check what one made with `options` costs: for names that nobody has. */
export function decoyDigest(options: DigestOptions): string {
  return decoy(recipeOf(options));
}

/** The same after the likeness of a stored digest: its algorithm and parameters, another salt and hash. */
export function decoyLike(digest: string): string {
  return decoy(readDigest(digest).recipe);
}

function decoy(recipe: Recipe): string {
  return recipe.write(recipe.newSalt(), recipe.randomHash());
}
