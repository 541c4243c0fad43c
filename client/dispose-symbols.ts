/** Gives browsers that do not have them yet the two well-known symbols that `using` looks for. Imported first. */

const symbols = Symbol as { -readonly [Name in 'dispose' | 'asyncDispose']?: symbol };
symbols.dispose ??= Symbol.for('Symbol.dispose');
symbols.asyncDispose ??= Symbol.for('Symbol.asyncDispose');
