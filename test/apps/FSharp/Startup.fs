namespace FSharp

open System
open System.Collections.Generic
open System.IO
open System.Text
open System.Threading.Tasks
open Owin

type AppFunc = Func<IDictionary<string, obj>, Task>

module Answer =
    let text (words: string) (env: IDictionary<string, obj>) : Task =
        task {
            let body = env["owin.ResponseBody"] :?> Stream
            let bytes = Encoding.UTF8.GetBytes words
            do! body.WriteAsync(bytes, 0, bytes.Length)
        }

type Startup() =
    member _.Configuration(app: IAppBuilder) =
        app.Use(Func<AppFunc, AppFunc>(fun _ -> AppFunc(Answer.text "F# configured")))
        |> ignore

/// A module is a static class.
module Handler =
    let Invoke (env: IDictionary<string, obj>) : Task = Answer.text "F# answered" env
