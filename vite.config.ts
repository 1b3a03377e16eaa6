import { defineConfig, type Plugin } from "vite";
// @ts-expect-error: plain JavaScript without types
import { about, elements, glosses, offline, unindented } from "./www/build.mjs";

// All addresses are relative, so that the page runs under any path of any static server.
export default defineConfig({
  base: "./",
  publicDir: "www/public",
  plugins: [unindented(), glosses(), elements(), about(), offline()] as Plugin[],
  build: {
    outDir: "dist",
    // The browsers that have the page's colours have this, too.
    modulePreload: false,
    target: "es2022",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // WebAssembly modules remain separate files, which browsers compile while they download.
    assetsInlineLimit: 0,
  },
  worker: { format: "es" },
});
