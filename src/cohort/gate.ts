// Keeps the index still while somebody looks: many may look at once, a change waits until they are
// done, and who comes after the change waits for it. First come, first served.

/** Lets go of a turn. */
type Release = () => void;

interface Turn {
  readonly alone: boolean;
  readonly begin: (release: Release) => void;
}

export class Gate {
  readonly #waiting: Turn[] = [];
  #looking = 0;
  #isChanging = false;

  /** Runs `work` while nothing changes. */
  async hold<Result>(work: () => Promise<Result>): Promise<Result> {
    const release = await this.#turn(false);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** Runs `work` while nobody looks. */
  async change<Result>(work: () => Promise<Result>): Promise<Result> {
    const release = await this.#turn(true);
    try {
      return await work();
    } finally {
      release();
    }
  }

  #turn(alone: boolean): Promise<Release> {
    return new Promise((resolve) => {
      this.#waiting.push({ alone, begin: resolve });
      this.#next();
    });
  }

  #next(): void {
    for (let [turn] = this.#waiting; turn !== undefined; [turn] = this.#waiting) {
      if (this.#isChanging || (turn.alone && this.#looking > 0)) return;
      this.#waiting.shift();
      if (turn.alone) this.#isChanging = true;
      else this.#looking += 1;
      turn.begin(this.#release(turn.alone));
    }
  }

  #release(alone: boolean): Release {
    return () => {
      if (alone) this.#isChanging = false;
      else this.#looking -= 1;
      this.#next();
    };
  }
}
