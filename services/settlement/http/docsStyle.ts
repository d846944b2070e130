/** Looks of /docs, light and dark. A module, so that the service needs no file beside its code. */
export const docsStyle = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 6rem; }
h1 { font-size: 1.9rem; } h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); }
article { margin: 1.5rem 0; padding: 0.25rem 1rem 1rem; border: 1px solid var(--line); border-radius: 0.6rem; }
table { width: 100%; border-collapse: collapse; margin: 0.5rem 0; font-size: 0.92rem; }
td, th { padding: 0.35rem 0.75rem 0.35rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; } td:first-child { white-space: nowrap; }
td table { margin: 0; } code { font: 0.9em ui-monospace, monospace; }
.method { font: 700 0.75rem system-ui; padding: 0.15rem 0.5rem; border-radius: 0.3rem; color: #fff; background: #1d4ed8; }
.method.post { background: #15803d; } .method.delete { background: #b91c1c; }
tr:target { outline: 2px solid #1d4ed8; }
@media (max-width: 40rem) { td:first-child { white-space: normal; } td, th { padding-right: 0.5rem; } }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1.5rem; padding: 0; list-style: none; }
`;
