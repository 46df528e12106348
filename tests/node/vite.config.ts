// Builds what the tests run in Node, libraries included.
import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: { ssr: true, minify: false, rolldownOptions: { input: ["tests/node/feel.mjs", "tests/node/form.mjs"] } },
  ssr: { noExternal: true },
});
