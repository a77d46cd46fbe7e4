import owin, { type Handler } from 'owin';

// @ts-expect-error no such option
const handler: Handler = owin('App.dll', { tpye: 'App.Startup' });
// @ts-expect-error no such event
handler.on('close', () => {});
owin.runtime.start({ gc: { concurrent: false } }).then((info) => info.version?.length);
