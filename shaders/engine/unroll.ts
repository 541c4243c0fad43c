/** Writes out the loops of a kernel whose turns have to be known to the compiler: registers have names, not numbers. */

/** Numbers for `{{…}}` and for loops; texts are put in as they are. */
export type Parameters = Readonly<Record<string, number | string>>;

const LOOP = /^\s*\/\/#for (\w+) (.+)$/;
const END = /^\s*\/\/#end$/;
const HOLE = /\{\{(.+?)\}\}/g;

/**
 * Repeats the lines between `//#for name count` and `//#end` with `name` = 0 … count − 1, and puts numbers and texts in the
 * place of `{{…}}`. A count and a hole are a name, or a sum, difference or product of names and whole numbers.
 *
 * @throws Error at a name that is not given, and at a loop without an end
 */
export function unrolled(text: string, parameters: Parameters): string {
  return block(text.split('\n'), parameters).join('\n');
}

function block(lines: readonly string[], parameters: Parameters): string[] {
  const out: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const loop = LOOP.exec(lines[at]!);
    if (!loop) {
      out.push(lines[at]!.replace(HOLE, (_, hole: string) => String(evaluated(hole, parameters))));
      continue;
    }
    const end = endOf(lines, at);
    const turns = Number(evaluated(loop[2]!, parameters));
    for (let turn = 0; turn < turns; turn++)
      out.push(...block(lines.slice(at + 1, end), { ...parameters, [loop[1]!]: turn }));
    at = end;
  }
  return out;
}

function endOf(lines: readonly string[], start: number): number {
  let depth = 0;
  for (let at = start; at < lines.length; at++) {
    if (LOOP.test(lines[at]!)) depth++;
    if (END.test(lines[at]!) && --depth === 0) return at;
  }
  throw new Error(`${lines[start]!.trim()} has no end`);
}

/** Sums of products; a single name may stand for a text. */
function evaluated(expression: string, parameters: Parameters): number | string {
  const named = parameters[expression.trim()];
  if (named !== undefined) return named;
  return expression
    .replaceAll('-', '+-')
    .split('+')
    .reduce(
      (sum, product) => sum + product.split('*').reduce((by, factor) => by * numberOf(factor, parameters), 1),
      0,
    );
}

function numberOf(factor: string, parameters: Parameters): number {
  const name = factor.trim();
  const sign = name.startsWith('-') ? -1 : 1;
  const bare = name.replace('-', '').trim();
  const value = sign * Number(parameters[bare] ?? bare);
  if (bare === '' || Number.isNaN(value))
    throw new Error(`{{${factor}}} is neither a whole number nor a parameter`);
  return value;
}
