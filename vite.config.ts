import { defineConfig } from "vite";

// All addresses are relative, so that the page runs under any path of any static server.
export default defineConfig({
  base: "./",
  publicDir: "www/public",
  build: {
    outDir: "dist",
    target: "es2022",
    // WebAssembly modules remain separate files, which browsers compile while they download.
    assetsInlineLimit: 0,
  },
  worker: { format: "es" },
});
