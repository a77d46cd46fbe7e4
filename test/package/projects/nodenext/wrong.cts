import owin = require('owin');

// @ts-expect-error no such option
const handler: owin.Handler = owin('App.dll', { tpye: 'App.Startup' });
// @ts-expect-error no such event
handler.on('close', () => {});
const names: (keyof owin.RuntimeInfo)[] = ['state', 'version'];
// @ts-expect-error no such code
const code: owin.OwinErrorCode = 'ERR_OWIN_NONSENSE';
export = [names, code];
