import { OwinError } from '../errors.ts';
import type { NatsConnection } from './link.ts';

const isConnection = (value: unknown) =>
  typeof (value as NatsConnection | null)?.subscribe === 'function'
    ? undefined
    : 'a connection of @nats-io/transport-node';

/** Checks of the options that both sides have. */
export const natsOptions = { connection: isConnection, subject: 'string' } as const;

/** Throws for one of the two that is left out. */
export function requireNats(
  where: string,
  { connection, subject }: { connection?: unknown; subject?: unknown },
): void {
  if (!connection || !subject)
    throw new OwinError('ERR_OWIN_OPTION', `${where} needs the options connection and subject.`);
}
