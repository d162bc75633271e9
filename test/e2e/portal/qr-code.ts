import jsqr from 'jsqr';
import { PNG } from 'pngjs';
import type { Page } from './portal-world.js';

/** What the camera of a phone reads: the pixels of the page, not its source. */
export async function scan(page: Page): Promise<URL> {
  await page.getByRole('img', { name: 'QR code' }).waitFor();
  const { data, width, height } = PNG.sync.read(await page.screenshot({ fullPage: true }));
  const found = jsqr.default(Uint8ClampedArray.from(data), width, height);
  if (!found) throw new Error('there is no QR code on the page');
  return new URL(found.data);
}
