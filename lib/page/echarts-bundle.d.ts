/** The whole of ECharts in one file: it loads many times quicker than its hundred modules. Its types are the package's. */
declare module 'echarts/dist/echarts.esm.min.mjs' {
  export * from 'echarts';
}
