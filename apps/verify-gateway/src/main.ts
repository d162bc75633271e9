import 'reflect-metadata';
import { formatProblems } from '@portcullis/platform-config';
import { configFiles, readConfiguration } from './config.js';
import { startGateway } from './gateway.js';

const files = configFiles();
const reading = readConfiguration(files);
if (reading.problems.length > 0) process.stderr.write(`${formatProblems(reading.problems)}\n`);
if (reading.value === null) process.exitCode = 1;
else await startGateway(reading.value, reading, files);
