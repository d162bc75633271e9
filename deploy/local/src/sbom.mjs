// node deploy/local/src/sbom.mjs > sbom.json: what the services are made of, without what only the tests need, as CycloneDX.
import { spawnSync } from 'node:child_process';
import { root } from './workspace.mjs';

const { status } = spawnSync('npm', ['sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only'], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
