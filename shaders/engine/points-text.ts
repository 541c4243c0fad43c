/** Writes what happens at one pixel as lines of WGSL, for the kernel it moved into. */
import type { Convolution, Operand } from './layers.ts';
import type { WeightPlace } from './packed-weights.ts';
import { channelsOf, type Points, quadsOf, type Side, type Tensor } from './points.ts';

/** Where the kernel finds weights and vectors. */
export interface Places {
  placeOf(layer: Convolution): WeightPlace;
  /** The quad of the buffer `vectors` at which a vector begins. */
  vectorQuad(name: string): number;
  /** Numbers in a vector. */
  vectorLength(name: string): number;
}

const SIGNS = { add: '+', sub: '-', mul: '*' } as const;
/** Quads: more are read in a loop, which drivers compile in a fraction of the time. */
const LONGEST_WITHOUT_LOOP = 2;

/** A stretch of a convolution's input. */
type Run = { readonly quads: readonly string[] } | { readonly quad: string; readonly count: number };

/** Lines for one kernel. Every part of a picture is written once, however often it is used. */
export class PointsText {
  readonly lines: string[] = [];
  /** What the kernel has to bind, in order; `image` is the network's input. */
  readonly bound: (Tensor | 'image')[] = [];
  readonly #places: Places;
  readonly #given: readonly string[];
  readonly #written = new Map<Points, readonly string[]>();
  #names = 0;

  /** @param given names of the quads that stand for `given` */
  constructor(places: Places, given: readonly string[] = []) {
    this.#places = places;
    this.#given = given;
  }

  /** Adds the lines that compute these points at pixel `p`; gives the names of their quads, each a `vec4f`. */
  quads(points: Points): readonly string[] {
    const written = this.#written.get(points);
    if (written) return written;
    const quads = this.#write(points);
    this.#written.set(points, quads);
    return quads;
  }

  /** The name by which the kernel knows a picture. */
  boundName(source: Tensor | 'image'): string {
    if (!this.bound.includes(source)) this.bound.push(source);
    return source === 'image' ? 'image' : `t${this.bound.indexOf(source)}`;
  }

  #write(points: Points): readonly string[] {
    switch (points.kind) {
      case 'image':
        this.boundName('image');
        return [this.#let('load_image(p)')];
      case 'given':
        return this.#given;
      case 'load':
        return each(quadsOf(points.tensor.channels), (q) => this.#let(this.#load(points, String(q))));
      case 'concat':
        return points.parts.flatMap((part) => this.quads(part));
      case 'conv':
        return this.#convolved(points.layer, points.input);
      case 'combine': {
        const [a, b] = [this.#side(points.a), this.#side(points.b)];
        return each(quadsOf(channelsOf(points)), (q) => this.#let(`${a(q)} ${SIGNS[points.op]} ${b(q)}`));
      }
    }
  }

  #convolved(layer: Convolution, input: Points): readonly string[] {
    const { weights, bias } = this.#places.placeOf(layer);
    const inQuads = quadsOf(channelsOf(input));
    const sums = each(quadsOf(layer.channels), (o) => {
      const name = this.#name();
      this.lines.push(`var ${name} = biases[${bias + o}];`);
      return name;
    });
    const add = (value: string, i: string | number): void => {
      for (const [o, sum] of sums.entries())
        this.lines.push(
          `${sum} = added(${sum}, Matrix(weights[${weights + o * inQuads} + ${i}]), ${value});`,
        );
    };
    let at = 0;
    for (const run of this.#runs(input)) {
      if ('quads' in run)
        for (const [i, quad] of run.quads.entries()) add(this.#let(`Quad(${quad})`), at + i);
      else {
        this.lines.push(`for (var q = 0; q < ${run.count}; q++) {`);
        add(this.#let(`Quad(${run.quad})`), `${at} + q`);
        this.lines.push('}');
      }
      at += 'quads' in run ? run.quads.length : run.count;
    }
    return sums.map((sum) => this.#let(activated(sum, layer.slope)));
  }

  /** The input of a convolution in order: quads that have names, and long tensors, which are read in a loop over `q`. */
  #runs(points: Points): Run[] {
    if (points.kind === 'concat') return points.parts.flatMap((part) => this.#runs(part));
    const count = quadsOf(channelsOf(points));
    const quad = count > LONGEST_WITHOUT_LOOP && this.#quadInLoop(points);
    return [quad ? { quad, count } : { quads: this.quads(points) }];
  }

  #quadInLoop(points: Points): string | undefined {
    if (points.kind === 'load') return this.#load(points, 'q');
    if (points.kind !== 'combine' || !('points' in points.a) || !('vector' in points.b)) return undefined;
    const quad = this.#quadInLoop(points.a.points);
    return quad && `${quad} ${SIGNS[points.op]} ${this.#vector(points.b.vector)('q')}`;
  }

  #load({ tensor, doubled }: Points & { kind: 'load' }, q: string): string {
    return `load_${this.boundName(tensor)}(${q}, ${doubled ? 'p >> vec2u(1u)' : 'p'})`;
  }

  #side(side: Side): (q: number) => string {
    if ('vector' in side) return this.#vector(side.vector);
    const quads = this.quads(side.points);
    return (q) => quads[q]!;
  }

  #vector(operand: Operand): (q: number | string) => string {
    if (typeof operand === 'number') return () => `vec4f(${operand})`;
    const at = this.#places.vectorQuad(operand);
    return this.#places.vectorLength(operand) === 1
      ? () => `vec4f(vectors[${at}].x)`
      : (q) => `vectors[${at} + ${q}]`;
  }

  #name(): string {
    return `n${this.#names++}`;
  }

  #let(value: string): string {
    const name = this.#name();
    this.lines.push(`let ${name} = ${value};`);
    return name;
  }
}

export const activated = (value: string, slope: number): string =>
  slope === 1 ? value : `max(${value}, ${slope} * ${value})`;

const each = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
