import { releaseFunctions } from '../functions/js-functions.ts';
import type { App } from '../hosting/app.ts';
import type { AppVersion } from '../hosting/version.ts';
import type { Exchange } from './exchange.ts';

// Slots: the exchanges .NET knows, found by number. Freed slots are used again in the order they were freed.
const slots: (Exchange | undefined)[] = [];
const generations: number[] = [];
const nextFree: number[] = [];
let firstFree = -1;
let lastFree = -1;

/** Gives an exchange a slot, before .NET hears of it. */
export function takeSlot(exchange: Exchange): void {
  let slot = firstFree;
  if (slot === -1) {
    slot = slots.length;
    generations[slot] = 0;
    nextFree[slot] = -1;
  } else {
    firstFree = nextFree[slot] as number;
    if (firstFree === -1) lastFree = -1;
  }
  const generation = ((generations[slot] as number) + 1) | 0;
  generations[slot] = generation;
  slots[slot] = exchange;
  exchange.slot = slot;
  exchange.generation = generation;
}

/** .NET holds nothing of the exchange any more. */
export function freeSlot(exchange: Exchange): void {
  if (exchange.functions) releaseFunctions(exchange);
  const slot = exchange.slot;
  slots[slot] = undefined;
  nextFree[slot] = -1;
  if (lastFree === -1) firstFree = slot;
  else nextFree[lastFree] = slot;
  lastFree = slot;
}

/** The exchange a frame is for, or undefined when that generation of the slot is over. */
export function findExchange(slot: number, generation: number): Exchange | undefined {
  const exchange = slots[slot];
  return exchange?.generation === generation ? exchange : undefined;
}

/** The exchanges of an app, or of one version of it, that .NET knows. */
export function exchangesOf(owner: App | AppVersion): Exchange[] {
  return slots.filter(
    (exchange): exchange is Exchange => exchange?.app === owner || exchange?.version === owner,
  );
}

/** How many slots there are, and how many are in use. */
export function slotCounts(): { slots: number; used: number } {
  return { slots: slots.length, used: slots.reduce((n, exchange) => n + (exchange ? 1 : 0), 0) };
}
