import type {
  Acknowledged,
  AnnotationWish,
  Said,
  StandardWish,
  Unavailable,
} from '../../../protocol/events.ts';
import type { PageSocket } from './connection.ts';

/** The server writes to Kafka before it answers. */
const ANSWER_WITHIN_MS = 20_000;

/** What people say; each resolves to the id under which it is kept, or to why it is not. */
export type Say = {
  annotate(wish: AnnotationWish): Promise<Said>;
  /** Every change up to then that nobody has acknowledged; resolves to how many there were. */
  acknowledgeAll(upToMs: number): Promise<Acknowledged>;
  markStandard(wish: StandardWish): Promise<Said>;
};

export function saying(socket: PageSocket): Say {
  const asked = async <Answer extends object>(
    answer: Promise<Answer | Unavailable>,
  ): Promise<Answer | { readonly refused: string }> => {
    const found = await answer.catch(() => ({ unavailable: 'The server did not answer in time' }));
    return 'unavailable' in found ? { refused: found.unavailable } : found;
  };
  const asking = () => socket.timeout(ANSWER_WITHIN_MS);
  return {
    annotate: (wish) => asked(asking().emitWithAck('annotate', wish)),
    acknowledgeAll: (upToMs) => asked(asking().emitWithAck('acknowledgeAll', upToMs)),
    markStandard: (wish) => asked(asking().emitWithAck('markStandard', wish)),
  };
}
