import { VirtualWorld } from '#shared/world/virtual-world.ts';

/** A virtual world whose turns end by themselves, so that a test may simply await a write. Time moves only when told to. */
export class TurningWorld extends VirtualWorld {
  #isEnding = false;

  override endOfTurn(run: () => void): void {
    super.endOfTurn(run);
    if (this.#isEnding) return;
    this.#isEnding = true;
    setImmediate(async () => {
      this.#isEnding = false;
      await this.settle();
    });
  }
}
