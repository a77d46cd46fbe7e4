/** How many bytes may be sent; who has none waits for more. */
export class Credit {
  #left: number;
  #waiting: (() => void) | undefined;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  give(bytes: number): void {
    this.#left += bytes;
    this.#waiting?.();
  }

  /** Waits until something may be sent, and takes as much of it as there is. */
  async take(most: number): Promise<number> {
    while (this.#left <= 0)
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    const taken = Math.min(most, this.#left);
    this.#left -= taken;
    return taken;
  }
}

/** Gives credit back in steps, so that not every chunk costs a message. */
export class CreditBack {
  readonly #give: (bytes: number) => void;
  readonly #step: number;
  #taken = 0;

  constructor(step: number, give: (bytes: number) => void) {
    this.#step = step;
    this.#give = give;
  }

  add(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken < this.#step) return;
    this.#give(this.#taken);
    this.#taken = 0;
  }
}
