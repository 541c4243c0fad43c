/** The bytes that each kernel of a network has to move, by arithmetic. */
import type { Card } from '../../shaders/engine/card.ts';
import { channelsOf, type Points, quadsOf, type Tensor, walk } from '../../shaders/engine/points.ts';
import { bytesOf } from '../../shaders/engine/precision.ts';
import { type Step, scheduled } from '../../shaders/engine/schedule.ts';
import type { Tuning } from '../../shaders/engine/tuning.ts';

/**
 * Bytes of each dispatch in order: every pixel of a tensor and every weight read once and written once, as if the caches held
 * the rest. @param size of the network's input
 */
export function trafficOf(
  card: Card,
  tuning: Tuning,
  size: { readonly width: number; readonly height: number },
): readonly number[] {
  const stored = bytesOf(tuning.precision.stored);
  const pixels = (divisor: number): number =>
    Math.ceil(size.width / divisor) * Math.ceil(size.height / divisor);
  const tensorBytes = ({ name, channels, divisor }: Tensor): number =>
    name === 'subpixels' ? 4 * channels * pixels(divisor) : 4 * stored * quadsOf(channels) * pixels(divisor);
  const readBytes = (...all: readonly Points[]): number => {
    const tensors = new Set<Tensor>();
    let image = 0;
    let weights = 0;
    for (const points of all)
      walk(points, (part) => {
        if (part.kind === 'load') tensors.add(part.tensor);
        if (part.kind === 'image') image = 4 * 3 * pixels(1);
        if (part.kind === 'conv') weights += stored * channelsOf(part.input) * part.layer.channels;
      });
    return image + weights + [...tensors].reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
  };
  const bytes = (step: Step): number => {
    switch (step.kind) {
      case 'conv':
        return (
          9 * stored * channelsOf(step.input) * step.layer.channels +
          readBytes(step.input, step.finish) +
          tensorBytes(step.output)
        );
      case 'points':
        return readBytes(step.points) + tensorBytes(step.output);
      case 'pool':
        return readBytes(...step.pools.map(({ points }) => points));
      case 'vectors':
        return step.layers.reduce(
          (sum, layer) =>
            sum + (layer.op === 'matmul' ? 4 * layer.weight.shape[0]! * layer.weight.shape[1]! : 0),
          0,
        );
    }
  };
  return scheduled(card, tuning.tiles).steps.map(bytes);
}
