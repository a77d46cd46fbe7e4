namespace App

open System.Collections.Generic
open System.IO
open System.Threading.Tasks

/// A module is a static class: Invoke is the app.
module Startup =
    let rec private factorial n = if n < 2I then 1I else n * factorial (n - 1I)

    let Invoke (env: IDictionary<string, obj>) : Task =
        task {
            use writer = new StreamWriter(env["owin.ResponseBody"] :?> Stream)
            do! writer.WriteAsync $"30! is {factorial 30I}, says F#\n"
        }
