import type { World } from '../core/world.ts';

/**
 * Who may run next. In virtual time the invocations that wait are let in one by one, in seeded order, each only when
 * nothing else in the world is in flight: what one does can then not depend on how fast another one is.
 */
export class Turns {
  readonly #world: Pick<World, 'clock' | 'random'>;
  readonly #waiting: (() => void)[] = [];

  constructor(world: Pick<World, 'clock' | 'random'>) {
    this.#world = world;
  }

  async take(): Promise<void> {
    const { clock } = this.#world;
    if (clock.shared === undefined) return;
    await clock.outside(
      new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        clock.schedule(clock.now(), () => this.#letOneIn());
      }),
    );
  }

  #letOneIn(): void {
    const [next] = this.#waiting.splice(this.#world.random.below(this.#waiting.length), 1);
    next?.();
  }
}
