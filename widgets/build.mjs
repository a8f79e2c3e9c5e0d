// Bundle src/ into a module and a style sheet for each widget, fonts inside: they fetch nothing.
import { build, context } from "esbuild";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const out = process.env.SRLAB_STATIC ?? "srlab_widgets/static";

// Formulas need these faces of KaTeX's twenty; each is 4 to 26 kB.
const FACES = ["Main-Regular", "Math-Italic", "Size1-Regular", "Size2-Regular", "Size3-Regular", "Size4-Regular"];
const katexFonts = {
  name: "katex-fonts",
  setup(bundle) {
    bundle.onLoad({ filter: /katex\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      const contents = css.replace(/@font-face\s*{[^}]*}/g, (face) => {
        const file = /url\((fonts\/KaTeX_([\w-]+)\.woff2)\)/.exec(face);
        if (!file || !FACES.includes(file[2])) return "";
        return face.replace(/src:[^;}]*/, `src: url(${file[1]}) format("woff2")`);
      });
      return { contents, loader: "css" };
    });
  },
};

/** The licences of what is bundled, beside the bundle. */
async function licences() {
  const used = (await readdir("node_modules")).filter((name) => name === "katex" || name.startsWith("d3-")).sort();
  const parts = [];
  for (const name of used) {
    const { version, license } = JSON.parse(await readFile(join("node_modules", name, "package.json"), "utf8"));
    const text = await readFile(join("node_modules", name, "LICENSE"), "utf8");
    parts.push(`${name} ${version} (${license})\n\n${text.trim()}\n`);
  }
  await writeFile(join(out, "LICENSES.txt"), `dashboard.js and dashboard.css contain:\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`);
}

const options = {
  entryPoints: { dashboard: "src/main.js", learn: "src/learn.js" }, bundle: true, format: "esm", target: "es2022", minify: true, legalComments: "none",
  loader: { ".woff2": "dataurl" }, outdir: out, plugins: [katexFonts], logLevel: "warning", charset: "utf8",
};
await mkdir(out, { recursive: true });
if (process.argv.includes("--watch")) await (await context(options)).watch();
else {
  await build(options);
  await licences();
}
