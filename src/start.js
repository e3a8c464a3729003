// The first file that runs: plain old JavaScript, so that a Node too old for this project can
// parse it and say so. Everything else begins in main.ts.

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    'OpenIMS needs Node 24, and this is ' +
      process.versions.node +
      ": install Node 24, or run 'npm ci' and 'npm start', which bring it along.",
  );
  process.exitCode = 1;
} else {
  const cacheDirectory = `${import.meta.dirname}/../build/compile-cache`;
  import('node:module').then(({ enableCompileCache }) => {
    // Every thread of the store loads much the same code: compiled once, kept between starts.
    const { directory } = enableCompileCache(cacheDirectory);
    if (directory !== undefined) process.env.NODE_COMPILE_CACHE = directory;
    return import('./main.ts').then((main) => main.main(process.argv.slice(2)));
  });
}
