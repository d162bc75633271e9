import 'reflect-metadata';
import { formatProblems } from '@portcullis/platform-config';
import { configFiles, isSupervised, readConfiguration } from './config.js';
import { startGateway } from './gateway.js';

const files = configFiles();
const reading = readConfiguration(files);
// A supervisor has told the warnings before it started the services.
if (reading.value === null || (reading.problems.length > 0 && !isSupervised())) process.stderr.write(`${formatProblems(reading.problems)}\n`);
if (reading.value === null) process.exitCode = 1;
else await startGateway(reading.value, reading, files);
