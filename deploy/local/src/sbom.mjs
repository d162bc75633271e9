// node deploy/local/src/sbom.mjs > sbom.json: every package that the apps are made of, read from the lock, as CycloneDX 1.5. What only tests and builds
// need is not in it. (npm's own `npm sbom` leaves out here what a workspace of tests needs as well.)
import { inRoot, readText } from './workspace.mjs';

const { packages } = JSON.parse(readText(inRoot('package-lock.json')));

/** Where a package finds one of that name: beside it, or in a folder above (Node's own way). undefined: an optional one that is not there. */
function find(from, name) {
  for (let folder = from; ; folder = folder.replace(/(^|\/)[^/]*$/, '')) {
    const place = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    const found = packages[place];
    if (found) return found.link ? found.resolved : place;
    if (folder === '') return undefined;
  }
}

const shipped = new Set();
function ship(place) {
  if (place === undefined || shipped.has(place)) return;
  shipped.add(place);
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = packages[place];
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) ship(find(place, name));
}
for (const place of Object.keys(packages)) if (/^apps\/[^/]+$/.test(place)) ship(place);

function component(place) {
  const { version, integrity, license, name = place.replace(/^.*node_modules\//, '') } = packages[place];
  const [algorithm, digest] = integrity?.split('-', 2) ?? [];
  return {
    type: 'library',
    'bom-ref': place,
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(license ? { licenses: [{ expression: license }] } : {}),
    ...(digest ? { hashes: [{ alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') }] } : {}),
  };
}

const components = [...shipped].filter((place) => place.includes('node_modules/')).sort();
const metadata = { component: { type: 'application', name: 'portcullis', version: packages[''].version } };
process.stdout.write(
  `${JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, metadata, components: components.map(component) }, undefined, 2)}\n`,
);
