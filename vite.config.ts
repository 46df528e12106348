// Builds the islands: base.ts with its styles, and what it loads when a page needs it.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/static/dist/",
  publicDir: false,
  build: {
    outDir: "platform/web/static/dist",
    emptyOutDir: true,
    manifest: true,
    // Fonts and pictures as files: data: addresses would need a wider content policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["chrome123", "firefox121", "safari17.5"],
    rolldownOptions: { input: ["platform/web/islands/base.ts"] },
  },
});
