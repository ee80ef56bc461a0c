// Runs before the first paint: applies what was chosen here before, keeps what is typed until the
// app has arrived, starts the app, and offers to reload when it has failed. The app never comes
// back from a panic: the module is dead then, and nobody inside it can say so.
(() => {
  const root = document.documentElement;
  const kept = (key) => {
    try { return localStorage.getItem("kith." + key); } catch { return null; }
  };

  for (const key of ["theme", "text"]) {
    const value = kept(key);
    if (value) root.dataset[key] = value;
  }
  const language = kept("language") || (navigator.languages || []).find((l) => /^(en|de)\b/i.test(l)) || "en";
  root.lang = language.slice(0, 2).toLowerCase();
  root.dataset.shell = kept("known") ? "home" : "welcome";

  let fatal = false;
  const showReload = (reason) => {
    fatal = true;
    console.error(reason);
    const crash = document.getElementById("crash");
    if (!crash) return;
    // A modal dialog would lie above it and keep the keyboard.
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
    crash.hidden = false;
    document.getElementById("app").inert = true;
    const button = crash.querySelector("button");
    button.onclick = () => location.reload();
    button.focus();
  };
  // A trap inside the module is a RuntimeError; anything else leaves the app alive.
  const judge = (error) => {
    if (!fatal && self.WebAssembly && error instanceof WebAssembly.RuntimeError) showReload(error);
  };
  addEventListener("error", (event) => judge(event.error));
  addEventListener("unhandledrejection", (event) => judge(event.reason));

  const translate = () => {
    const key = root.lang === "en" ? null : root.lang;
    if (!key) return;
    for (const element of document.querySelectorAll("[data-" + key + "]")) {
      element.textContent = element.dataset[key];
    }
  };

  // The second way works where a host gives the file another type, and is a second attempt.
  const compile = (url) => WebAssembly.compileStreaming(fetch(url))
    .catch(() => fetch(url).then((response) => response.arrayBuffer()).then((bytes) => WebAssembly.compile(bytes)));

  document.addEventListener("DOMContentLoaded", () => {
    translate();
    // One pane on a phone: the one that the app is going to draw.
    if (/^#\/(c|settings)\//.test(location.hash)) {
      document.querySelector(".panes[data-shell]").dataset.pane = "main";
    }
    const form = document.querySelector("#app form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      root.dataset.submitted = "";
    });
    const module = document.querySelector("link[rel=modulepreload]");
    const binary = document.querySelector("link[rel=preload][as=fetch]");
    const first = import(module.href).then((app) => app.default({ module_or_path: binary.href }));
    first.catch(showReload);
    // The second module is what the first screen does not need; a build for development has none.
    const url = document.querySelector("meta[name=second-module]")?.content;
    // Somebody who is known here needs both; to anybody else the first screen comes first.
    const early = url && kept("known") ? compile(url) : null;
    const load = async () => url && WebAssembly.instantiate(await (early ?? compile(url)), { first: await first });
    // platform/core.rs calls this when the first screen stands, or is not needed.
    let second;
    globalThis.kithSecond = () => {
      if (!second) (second = load()).catch(showReload);
      return second;
    };
  });
})();
