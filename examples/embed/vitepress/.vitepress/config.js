const network = "https://cdn.jsdelivr.net/npm/eyas@0.1/";

export default {
  title: "A merge",
  head: [
    ["link", { rel: "stylesheet", href: `${network}eyas-widget.css` }],
    ["script", { type: "module", src: `${network}eyas-widget.js` }],
  ],
  // Vue leaves the elements to the script.
  vue: { template: { compilerOptions: { isCustomElement: (tag) => tag.startsWith("eyas-") } } },
};
