/** Pages are offered the networks that are installed, or those that the operator names. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { servedModels } from '../../server/served-models.ts';
import { temporaryFolder } from '../support/h264-clip.ts';

it('offers each network that has a card, or of those the ones that are wanted', async () => {
  await using folder = await temporaryFolder();
  for (const name of ['quality', 'base', 'base-free', 'half']) await mkdir(join(folder.path, name));
  for (const name of ['quality', 'base', 'base-free'])
    await writeFile(join(folder.path, name, 'card.json'), '{}');
  expect(await servedModels(folder.path)).toEqual(['base', 'base-free', 'quality']);
  expect(await servedModels(folder.path, ['base-free', 'half', 'other'])).toEqual(['base-free']);
  expect(await servedModels(join(folder.path, 'nowhere'))).toEqual([]);
});
