import { defineConfig, type Plugin } from "vite";
// @ts-expect-error: plain JavaScript without types
import { about, glosses, offline } from "./www/build.mjs";

// All addresses are relative, so that the page runs under any path of any static server.
export default defineConfig({
  base: "./",
  publicDir: "www/public",
  plugins: [glosses(), about(), offline()] as Plugin[],
  build: {
    outDir: "dist",
    target: "es2022",
    // WebAssembly modules remain separate files, which browsers compile while they download.
    assetsInlineLimit: 0,
  },
  worker: { format: "es" },
});
