/** The lines of a text, each as deep as the block it is in. */
export class Lines {
  readonly #lines: string[] = [];
  #depth = 0;

  get text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  add(text: string): void {
    this.#lines.push('  '.repeat(this.#depth) + text);
  }

  /** A line that opens a block, what is in it, and its end. */
  block(opening: string, inside: () => void, end = '}'): void {
    this.add(opening);
    this.#depth++;
    inside();
    this.#depth--;
    this.add(end);
  }

  /** A block, if anything is in it. */
  blockOfAny(opening: string, inside: () => void): void {
    const { length } = this.#lines;
    this.block(opening, inside);
    if (this.#lines.length === length + 2) this.#lines.length = length;
  }

  /** A comment for the editor; nothing where there is no text. */
  docs(text: string | undefined): void {
    if (!text) return;
    const lines = text.replaceAll('*/', '*\\/').split('\n');
    if (lines.length === 1) this.add(`/** ${lines[0]} */`);
    else for (const line of ['/**', ...lines.map((each) => ` * ${each}`), ' */']) this.add(line);
  }
}
