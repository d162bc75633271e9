import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { findProgram } from './parts.mjs';
import { prepare } from './prepare.mjs';
import { makeProduction, productionApps } from './production.mjs';
import { mustRun, run } from './run.mjs';
import { Refusal, createTerminal } from './terminal.mjs';
import { inRoot, root, writeText } from './workspace.mjs';

const USAGE = `npm run release:artifacts [-- APP …] [-- --no-images]
What a release carries, in dist/release: for each app (or those named) a folder to run as .tar.gz, and its image where docker or buildah is here;
sbom.cdx.json, and SHA256SUMS over all of it.`;

const OUT = inRoot('dist', 'release');

/** Equal bytes for an equal tree: names in order, nobody's, of the last commit's time. */
async function pack(app, version, tree) {
  const { output } = await run('git', ['log', '-1', '--format=%ct'], { cwd: root });
  const mtime = `@${Number.parseInt(output, 10) || 0}`;
  const same = ['--sort=name', `--mtime=${mtime}`, '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'];
  const name = `portcullis-${app}-${version}`;
  const file = path.join(OUT, `${name}.tar.gz`);
  await mustRun('tar', 'tar', [...same, `--transform=s,^\\.,${name},S`, '--use-compress-program=gzip -n', '-cf', file, '-C', tree, '.']);
}

/** The program that builds images here; undefined where there is none. */
async function imageBuilder() {
  if (findProgram('docker') && (await run('docker', ['info'])).code === 0) return 'docker';
  return findProgram('buildah') ? 'buildah' : undefined;
}

/** Builds the image of an app and keeps it as an archive; resolves to its digest. */
async function makeImage(builder, app, version) {
  const tag = `portcullis/${app}:${version}`;
  const which = app === 'all-in-one' ? ['--target', app] : ['--build-arg', `APP=${app}`];
  const common = ['-f', inRoot('deploy/docker/Dockerfile'), ...which, '-t', tag, root];
  const archive = path.join(OUT, `portcullis-${app}-${version}.image.tar`);
  if (builder === 'docker') {
    await mustRun(`The image of ${app}`, 'docker', ['build', ...common]);
    await mustRun(`The archive of ${app}`, 'docker', ['save', '-o', archive, tag]);
    return (await mustRun('docker', 'docker', ['image', 'inspect', '--format', '{{.Id}}', tag])).trim();
  }
  // The format that keeps the health check.
  await mustRun(`The image of ${app}`, 'buildah', ['bud', '--format', 'docker', '--isolation', 'chroot', '--layers', ...common]);
  await mustRun(`The archive of ${app}`, 'buildah', ['push', tag, `docker-archive:${archive}:${tag}`]);
  return (await mustRun('buildah', 'buildah', ['inspect', '--type', 'image', '--format', '{{.FromImageDigest}}', tag])).trim();
}

async function digestOfFile(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function writeSums() {
  const names = readdirSync(OUT).filter((name) => name !== 'SHA256SUMS');
  const lines = await Promise.all(names.sort().map(async (name) => `${await digestOfFile(path.join(OUT, name))}  ${name}\n`));
  writeText(path.join(OUT, 'SHA256SUMS'), lines.join(''));
}

async function release(terminal, args) {
  const wanted = args.filter((arg) => !arg.startsWith('--'));
  const unknown = [...wanted.filter((app) => !productionApps.includes(app)), ...args.filter((arg) => arg.startsWith('--') && arg !== '--no-images')];
  if (unknown.length > 0) throw new Refusal(`What does ${unknown[0]} mean? Apps are ${productionApps.join(', ')}.\n\n${USAGE}`);
  await prepare(terminal, fileURLToPath(import.meta.url));
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const builder = args.includes('--no-images') ? undefined : await imageBuilder();
  const images = [];
  for (const app of wanted.length > 0 ? wanted : productionApps) {
    await terminal.step(`${app}: what it runs from${builder ? ', and its image' : ''}`, async () => {
      const tree = mkdtempSync(path.join(os.tmpdir(), `portcullis-${app}-`));
      try {
        const version = await makeProduction(app, tree);
        await pack(app, version, tree);
        if (builder) images.push(`portcullis/${app}:${version} ${await makeImage(builder, app, version)}\n`);
      } finally {
        rmSync(tree, { recursive: true, force: true });
      }
    });
  }
  if (images.length > 0) writeText(path.join(OUT, 'images.txt'), images.join(''));
  writeText(path.join(OUT, 'sbom.cdx.json'), await mustRun('The list of parts', process.execPath, [inRoot('deploy/local/src/sbom.mjs')]));
  await writeSums();
  terminal.print(
    `\n${readdirSync(OUT)
      .sort()
      .map((name) => `  dist/release/${name}`)
      .join('\n')}`,
  );
}

const terminal = createTerminal();
try {
  await release(terminal, process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  terminal.print(error.message);
  process.exitCode = 1;
}
