import { OwinError } from '../errors.ts';
import { readValue, STEP, WINDOW } from './messages.ts';

/** How many bytes a message of credit gives. Throws for one that gives none. */
export function readCredit(data: Uint8Array): number {
  const [bytes] = readValue<unknown>(data);
  if (Number.isSafeInteger(bytes) && (bytes as number) > 0) return bytes as number;
  throw new OwinError('ERR_OWIN_RELAY', 'The other side has given credit that is no number.');
}

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

/** The credit of the other side. It is given back in steps, so that not every chunk costs a message. */
export class CreditBack {
  readonly #give: (bytes: number) => void;
  #left = WINDOW;
  #taken = 0;

  constructor(give: (bytes: number) => void) {
    this.#give = give;
  }

  /** So many bytes have come. Throws where there was no credit for them. */
  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0)
      throw new OwinError('ERR_OWIN_RELAY', 'The other side has sent more than it had credit for.');
  }

  /** So many bytes have been taken on. */
  add(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken < STEP) return;
    this.#left += this.#taken;
    this.#give(this.#taken);
    this.#taken = 0;
  }
}
