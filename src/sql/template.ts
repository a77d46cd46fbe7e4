import { OwinError } from '../errors.ts';
import { describe } from '../hosting/options.ts';

/** What stands in a template instead of a value: a part of the command itself. */
export abstract class Part {
  abstract appendTo(command: Command): void;
}

/** A command as a database takes it: texts of the program, and values beside them. */
export class Command {
  text = '';
  readonly values: unknown[] = [];

  /** @param quotes what stands before and behind a name */
  constructor(readonly quotes: readonly [string, string]) {}

  addValue(value: unknown): void {
    this.text += `@p${this.values.push(value === undefined ? null : value) - 1}`;
  }
}

/** A tagged template. */
export class Template extends Part {
  /** Its texts, as they stand in the program. */
  readonly strings: readonly string[];
  /** What stands between them. */
  readonly values: readonly unknown[];

  constructor(strings: readonly string[], values: readonly unknown[]) {
    super();
    this.strings = strings;
    this.values = values;
  }

  /** @internal */
  appendTo(command: Command): void {
    this.strings.forEach((text, i) => {
      command.text += text;
      if (i >= this.values.length) return;
      const value = this.values[i];
      if (value instanceof Part) value.appendTo(command);
      else command.addValue(value);
    });
  }
}

/** The name of a table or column, in the quotes of the database; of several the parts of one name. */
export class Identifier extends Part {
  readonly #names: string[];

  constructor(names: string[]) {
    super();
    const wrong = names.find((each) => typeof each !== 'string' || !each || each.includes('\0'));
    if (names.length === 0 || wrong !== undefined)
      throw new OwinError(
        'ERR_OWIN_OPTION',
        `sql.identifier() takes names, not ${describe(wrong)}.`,
      );
    this.#names = names;
  }

  appendTo(command: Command): void {
    const [before, behind] = command.quotes;
    command.text += this.#names
      .map((name) => before + name.replaceAll(behind, behind + behind) + behind)
      .join('.');
  }
}

/** Values in parentheses, for IN and VALUES. */
export class List extends Part {
  readonly #values: unknown[];

  constructor(values: Iterable<unknown>) {
    super();
    this.#values = [...values];
    // Databases do not take (), and with (NULL) neither IN nor NOT IN would be true of any row.
    if (this.#values.length === 0)
      throw new OwinError(
        'ERR_OWIN_OPTION',
        'sql.list() takes at least one value, not an empty list: leave the condition out, or write one that is always true or false.',
      );
  }

  appendTo(command: Command): void {
    this.#values.forEach((value, i) => {
      command.text += i === 0 ? '(' : ', ';
      command.addValue(value);
    });
    command.text += ')';
  }
}

/**
 * Only what stands in the program's source becomes text of a command: a tagged template's strings are frozen and have
 * their raw form beside them, which no text that came from elsewhere has.
 *
 * @throws OwinError `ERR_OWIN_OPTION` for anything else
 */
export function checkTemplate(strings: unknown): asserts strings is TemplateStringsArray {
  const isTemplate =
    Array.isArray(strings) &&
    Object.isFrozen(strings) &&
    'raw' in strings &&
    Object.isFrozen(strings.raw);
  if (isTemplate) return;
  throw new OwinError(
    'ERR_OWIN_OPTION',
    `A command is a tagged template, sql\`SELECT …\`, whose values become parameters; it was called with ${describe(strings)}.`,
  );
}
