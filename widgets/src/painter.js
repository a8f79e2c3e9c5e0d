// When which view is drawn: what a person did at once, what the search found now and then, and what nobody sees seldom. No DOM.
import { idle, slowly } from "./pace.js";

export class Painter {
  /**
   * draws: {view: topics it shows}; slow: Set of the views that take long to draw and to read, which follow a running search less often;
   * update(view) draws one; patient(topics): nobody waits to see these; seen(): somebody could; soon(f) calls f before the next frame; clock() gives milliseconds.
   */
  constructor(draws, slow, { update, patient, seen, soon, clock = () => performance.now() }) {
    Object.assign(this, { draws, slow, update, patient, seen, soon, clock, dirty: new Set(Object.keys(draws)), behind: new Set() });
    Object.assign(this, { waiting: false, drawn: -Infinity, caught: -Infinity, late: null, catching: null });
  }

  /** These topics have changed. */
  mark(topics) {
    const patient = this.patient(topics);
    for (const [view, on] of Object.entries(this.draws)) if (on.some((topic) => topics.has(topic))) (patient && this.slow.has(view) ? this.behind : this.dirty).add(view);
    if (!patient) this.fetch();
    else if (this.behind.size) this.catching ??= setTimeout(() => { this.fetch(); this.flush(); }, slowly(this.clock() - this.caught));
    if (this.waiting) return;
    this.waiting = true;
    this.soon(() => this.flush());
  }

  /** Let the slow views be drawn with the others. */
  fetch() {
    clearTimeout(this.catching);
    this.catching = null;
    for (const view of this.behind) this.dirty.add(view);
    this.behind.clear();
  }

  /** Draw what has changed: now, or after a while if nobody sees it. */
  flush() {
    this.waiting = false;
    clearTimeout(this.late);
    if (!this.dirty.size) return;
    const wait = idle(this.seen(), this.clock() - this.drawn);
    if (wait) {
      this.late = setTimeout(() => this.flush(), wait);
      return;
    }
    const views = [...this.dirty];
    this.dirty.clear();
    this.drawn = this.clock();
    if (views.some((view) => this.slow.has(view))) this.caught = this.drawn;
    for (const view of views) this.update(view);
  }

  stop() {
    clearTimeout(this.late);
    clearTimeout(this.catching);
  }
}
