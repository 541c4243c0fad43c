/** The figures of pictures, their mean, and a table of them. */

export interface Figures {
  /** dB */
  readonly psnr: number;
  /** 0…1 for pictures that have anything in common */
  readonly ssim: number;
}

export interface Score extends Figures {
  readonly name: string;
}

export function meanOf(scores: readonly Score[]): Figures {
  const mean = (figure: keyof Figures) =>
    scores.reduce((sum, score) => sum + score[figure], 0) / scores.length;
  return { psnr: mean('psnr'), ssim: mean('ssim') };
}

/** A line per picture, then the mean and the picture of lowest PSNR. */
export function asTable(scores: readonly Score[]): string {
  const worst = scores.reduce((lowest, score) => (score.psnr < lowest.psnr ? score : lowest));
  const lines = [...scores, { name: 'mean', ...meanOf(scores) }, { ...worst, name: `worst: ${worst.name}` }];
  const width = Math.max(...lines.map(({ name }) => name.length), 'picture'.length);
  const line = (name: string, first: string, second: string) =>
    `${name.padEnd(width)}  ${first.padStart(7)}  ${second.padStart(6)}`;
  return [
    line('picture', 'PSNR dB', 'SSIM'),
    ...lines.map(({ name, psnr, ssim }) => line(name, psnr.toFixed(2), ssim.toFixed(4))),
  ].join('\n');
}
