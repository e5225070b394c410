// Pictures of a page for people to look at: two widths, dark and light.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { paths } from './paths.mjs';

const SIZES = [{ width: 1280, height: 800 }, { width: 390, height: 844 }];

/**
 * Writes `<name>-<width>-<scheme>.png` for each size and scheme into `target/screens` and returns the files' paths.
 * The page keeps its size and scheme of before.
 */
export async function screenshots(page, name, { fullPage = true } = {}) {
  await mkdir(paths.screens, { recursive: true });
  const before = page.viewportSize();
  const scheme = await page.evaluate(() => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
  const files = [];
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      const path = join(paths.screens, `${name}-${size.width}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage, animations: 'disabled', caret: 'hide' });
      files.push(path);
    }
  }
  await page.emulateMedia({ colorScheme: scheme });
  await page.setViewportSize(before);
  return files;
}
