// What a page says once the kernel behind it has gone, with a button that has a new kernel show the same in its place.
import { copy, h, setText } from "./dom.js";

export class LostNote {
  /** what : what goes on without the kernel, in words. attach : () => the function of no arguments that has a new kernel show it here, or null where that cannot be. */
  constructor({ what, attach }) {
    Object.assign(this, { what, attach });
    this.root = h("p", { class: "lost", role: "alert", hidden: true });
  }

  /** code : lines that show the same in a cell, the last of them for people to read. */
  tell(connected, code) {
    if (this.root.hidden === connected) return;
    this.root.hidden = connected;
    if (connected) return;
    const attach = this.attach(), chip = (label, onclick) => h("button", { type: "button", class: "chip", onclick }, label);
    const copies = chip("copy", async () => { if (await copy(code.join("\n"))) setText(copies, "copied"); });
    const again = attach && chip("Connect again", () => this.attachAgain(again, attach));
    this.failed = h("span", {});
    this.root.replaceChildren(
      `Not connected: the kernel has gone or was restarted. What is shown can be looked at, ${this.what} is not affected. `, ...(again ? [again, " or run in a cell "] : ["To go on, run in a cell "]),
      h("code", {}, code.at(-1)), " ", copies, this.failed);
  }

  /** The button stays where it is while the kernel, which may be starting still, reads the folder. */
  async attachAgain(button, attach) {
    button.disabled = true;
    setText(this.failed, "reading the folder …");
    try {
      await attach();
      setText(this.failed, "");
    } catch (error) {
      setText(this.failed, `It cannot be shown: ${error.message ?? error}`);
    }
    button.disabled = false;
  }
}
