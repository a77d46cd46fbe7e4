import type { AppKind } from './load-fields.ts';

/** How an app has ended that ended by itself. */
export interface AppExit {
  /** What its entry point returned; 0 where that threw. */
  code: number;
  /** What its entry point, or what it did to end, threw. */
  error?: Error;
}

/** What `handler.ready` says was loaded. */
export interface AppInfo {
  /** What kind of app it is. */
  kind: Exclude<AppKind, 'auto'>;
  /** Path of the assembly. */
  location: string;
  /** Its name. */
  assembly: string;
  /** Its version: `1.0.0.0`. */
  assemblyVersion: string;
  /** Full name of the startup type. */
  type: string;
  /** The method of it that begins. */
  method: string;
  /** What named them: an option, `'owin:AppStartup' in …/appsettings.json`, OwinStartupAttribute, or their names. */
  chosenBy: string;
  /** What the assembly was built for, `.NETCoreApp,Version=v10.0`. */
  targetFramework: string;
  /** Version of the runtime it runs on. */
  runtime: string;
}
