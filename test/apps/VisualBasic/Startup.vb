Imports System.Collections.Generic
Imports System.IO
Imports System.Text
Imports System.Threading.Tasks
Imports Owin

Public Class Startup
    Public Sub Configuration(app As IAppBuilder)
        app.Use(New Func(Of Func(Of IDictionary(Of String, Object), Task), Func(Of IDictionary(Of String, Object), Task))(
            Function(following) AddressOf Handler.Invoke))
    End Sub
End Class

Public Module Handler
    Public Function Invoke(env As IDictionary(Of String, Object)) As Task
        Dim body = DirectCast(env("owin.ResponseBody"), Stream)
        Dim bytes = Encoding.UTF8.GetBytes("Visual Basic")
        Return body.WriteAsync(bytes, 0, bytes.Length)
    End Function
End Module
