/* What the colours of the stepper mean: values have those of data, weights and the cells that they meet others. */

import { make } from "../shared/dom.js";

const SCALE_NAMES = [["Values", DATA_SCALE], ["Weights, and the input cells that they meet", WEIGHT_SCALE]];

export class ColourKey {
  constructor() {
    this.root = make("p", "colour-key");
    this.root.append(...SCALE_NAMES.map(([words, scale]) => keyOf(words, scale)));
  }

  /* Only a sum has weights. */
  show(parts) {
    this.root.hidden = parts.reduces !== "sum";
  }
}

function keyOf(words, scale) {
  const root = make("span", "", `${words}: `);
  const [whole, bar] = [make("span", "scale"), make("i")];
  bar.style.background = `linear-gradient(90deg, ${scale.map(([, colour]) => colour).join(",")})`;
  whole.append("−", bar, "+");
  root.append(whole);
  return root;
}
