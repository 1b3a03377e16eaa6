import { defineConfig } from "vite";

// The page must run under any path of any static server, so every address in it is relative.
export default defineConfig({
  base: "./",
  publicDir: "www/public",
  build: {
    outDir: "dist",
    target: "es2022",
    // The wasm modules stay files of their own: they are compiled while they stream in.
    assetsInlineLimit: 0,
  },
  worker: { format: "es" },
});
