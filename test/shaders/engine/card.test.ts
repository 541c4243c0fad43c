/** A model's files are checked before anything is built on them. */
import { describe, expect, it } from 'vitest';
import { checkedFiles, readCard } from '../../../shaders/engine/card.ts';
import { ModelError } from '../../../shaders/engine/card-fields.ts';
import { cardJson, filesOf, runnable } from './golden.ts';
import { type SmallNetwork, smallNetwork } from './small-network.ts';

const layer = ({ card }: SmallNetwork, output: string): Record<string, unknown> =>
  card.layers.find((each) => each.output === output)!;

describe('the files of a model', () => {
  it.each(runnable)('are taken as they ship: %s', async (model) => {
    const { card, weights } = await filesOf(model);
    expect(weights.byteLength).toBe(card.weights.bytes);
    expect(card.layers.map(({ output }) => output)).toContain('subpixels');
  });

  it('are refused when the weights were cut short', async () => {
    const { card, weights } = smallNetwork();
    await expect(checkedFiles(card, weights.slice(0, -4))).rejects.toThrow(
      /weights\.bin has \d+ bytes, its card says \d+/,
    );
  });

  it('are refused when one bit of the weights is another', async () => {
    const { card, weights } = smallNetwork();
    new Uint8Array(weights)[10]! ^= 1;
    await expect(checkedFiles(card, weights)).rejects.toThrow('not the file its card names');
  });

  it('are refused when the card is of a later version, which is named', () => {
    expect(() => readCard({ ...(cardJson('base') as object), format: 2 })).toThrow(
      'has format 2; this version of Nightglass reads format 1',
    );
  });

  it.each<[string, (network: SmallNetwork) => void, string]>([
    [
      'an operation of a later version',
      (network) => Object.assign(layer(network, 'scaled'), { op: 'attention' }),
      'no operation attention',
    ],
    [
      'a layer that reads what comes later',
      (network) => Object.assign(layer(network, 'coarse'), { inputs: ['head'] }),
      'coarse reads head, which no earlier layer gives',
    ],
    [
      'the same layer twice',
      (network) => network.card.layers.push(layer(network, 'mean')),
      'mean comes twice',
    ],
    [
      'weights of another shape',
      (network) => Object.assign(layer(network, 'coarse'), { channels: 12 }),
      'weights of shape 12 were expected',
    ],
    [
      'weights outside the file',
      (network) => Object.assign(layer(network, 'coarse').weight as object, { offset: 1e6 }),
      'outside weights.bin',
    ],
    [
      'a vector where a picture belongs',
      (network) => Object.assign(layer(network, 'coarse'), { inputs: ['mean'] }),
      'no picture',
    ],
    [
      'a slice of what is not there',
      (network) => Object.assign(layer(network, 'scales'), { start: 6 }),
      'slices what fusion does not have',
    ],
    ['no output', (network) => network.card.layers.pop(), 'no output subpixels of 12 channels'],
    [
      'an activation of a later version',
      (network) => Object.assign(layer(network, 'coarse'), { activation: 'gelu' }),
      'no activation gelu',
    ],
    [
      'a fusion vector of another length',
      (network) => Object.assign(network.card, { fusionSize: 9 }),
      'do not fit together',
    ],
    ['no layers', (network) => Object.assign(network.card, { layers: undefined }), 'no layers'],
    ['no name', (network) => Object.assign(network.card, { name: undefined }), 'name is no text'],
  ])('are refused when the card has %s', (_what, spoil, complaint) => {
    const network = smallNetwork();
    spoil(network);
    expect(() => readCard(network.card)).toThrow(ModelError);
    expect(() => readCard(network.card)).toThrow(complaint);
  });

  it.each([[null], ['text'], [[]], [{}]])('are refused when the card is %j', (json) => {
    expect(() => readCard(json)).toThrow(ModelError);
  });
});
