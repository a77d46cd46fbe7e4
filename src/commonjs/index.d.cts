// The types of `index.ts` for CommonJS. Resolved as an import, or TypeScript would take the export 'module.exports'.
import type {
  AppInfo as AppInfo_,
  AppOptions as AppOptions_,
  Handler as Handler_,
  HandlerEvents as HandlerEvents_,
  Next as Next_,
  Owin as Owin_,
  OwinError as OwinError_,
  OwinErrorCode as OwinErrorCode_,
  ProbedPlace as ProbedPlace_,
  RuntimeInfo as RuntimeInfo_,
  RuntimeOptions as RuntimeOptions_,
  RuntimeStats as RuntimeStats_,
} from './index.js' with { 'resolution-mode': 'import' };

declare const owin: Owin_;
declare namespace owin {
  type AppInfo = AppInfo_;
  type AppOptions = AppOptions_;
  type Handler = Handler_;
  type HandlerEvents = HandlerEvents_;
  type Next = Next_;
  type Owin = Owin_;
  type OwinError = OwinError_;
  type OwinErrorCode = OwinErrorCode_;
  type ProbedPlace = ProbedPlace_;
  type RuntimeInfo = RuntimeInfo_;
  type RuntimeOptions = RuntimeOptions_;
  type RuntimeStats = RuntimeStats_;
}

export = owin;
