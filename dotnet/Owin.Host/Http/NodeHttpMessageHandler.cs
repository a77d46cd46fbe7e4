using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using Owin.Host.Functions;

namespace Owin.Host.Http;

/// <summary>
/// Sends the requests of an HttpClient through the JavaScript app, in memory. What a url says of its host is the Host
/// header, and nothing is connected to. Bodies stream both ways at once.
/// <para>Threads: any. It belongs to the app: disposing of it does nothing.</para>
/// </summary>
internal sealed class NodeHttpMessageHandler(AppRequests requests) : HttpMessageHandler
{
    const int SmallBody = 16 * 1024;
    const int ChunkSize = 64 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        int number = AppRequests.Next();
        var headers = Headers(request);
        object? body = await SmallContent(request.Content, cancel) ?? (object?)(request.Content != null ? true : null);
        var (target, secure) = Target(request.RequestUri!);
        var sending = requests.Send(number, request.Method.Method, target, secure, headers, body);
        var cancelling = cancel.UnsafeRegister(_ => requests.Cancel(number), null);
        try
        {
            var copying = body is true ? Copy(request.Content!, number, cancel) : null;
            _ = copying?.ContinueWith(static task => task.Exception, TaskContinuationOptions.OnlyOnFaulted);
            var head = await Head(sending, copying, number);
            return Response(request, number, head);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            cancel.ThrowIfCancellationRequested();
            throw error is JsException or OwinException
                ? new HttpRequestException($"{request.Method} {request.RequestUri}: {error.Message}", error)
                : error;
        }
        finally
        {
            // From now on it is a matter of who reads the response.
            await cancelling.DisposeAsync();
        }
    }

    // Also where the response comes before the request is complete: then the copying goes on by itself.
    async Task<List<object>> Head(Task<List<object>> sending, Task? copying, int number)
    {
        if (copying != null && await Task.WhenAny(sending, copying) == copying && !copying.IsCompletedSuccessfully)
        {
            requests.Cancel(number);
            _ = sending.ContinueWith(static task => task.Exception);
            await copying;
        }
        return await sending;
    }

    async Task Copy(HttpContent content, int number, CancellationToken cancel)
    {
        try
        {
            await using (var body = new RequestStream(requests, number))
                await content.CopyToAsync(body, cancel);
            await requests.End(number);
        }
        catch (NotWantedException)
        {
            // The response is complete, or gone.
        }
        catch
        {
            requests.Cancel(number);
            throw;
        }
    }

    static async Task<byte[]?> SmallContent(HttpContent? content, CancellationToken cancel) =>
        content?.Headers.ContentLength is <= SmallBody ? await content.ReadAsByteArrayAsync(cancel) : null;

    static (string Target, bool Secure) Target(Uri uri)
    {
        if (!uri.IsAbsoluteUri)
            return (uri.OriginalString.StartsWith('/') ? uri.OriginalString : '/' + uri.OriginalString, false);
        if (uri.Scheme is not ("http" or "https"))
            throw new NotSupportedException($"The scheme '{uri.Scheme}' is not supported; http and https are.");
        return (uri.PathAndQuery, uri.Scheme == "https");
    }

    static List<object> Headers(HttpRequestMessage request)
    {
        var lines = new List<object>();
        if (request.Headers.Host == null)
            Add("Host", request.RequestUri is { IsAbsoluteUri: true } uri ? uri.Authority : "localhost");
        AddAll(request.Headers);
        if (request.Content is not { } content)
            return lines;
        // Asking for it makes it a header.
        if (content.Headers.ContentLength == null)
            Add("Transfer-Encoding", "chunked");
        AddAll(content.Headers);
        return lines;

        // Several values are one line, as on the network: User-Agent's are words with spaces between them.
        void AddAll(HttpHeaders headers)
        {
            foreach (var (name, values) in headers.NonValidated)
                Add(name, values.ToString());
        }

        // In memory there is nobody to wait for.
        void Add(string name, string value)
        {
            if (!name.Equals("Expect", StringComparison.OrdinalIgnoreCase))
                lines.AddRange([name, value]);
        }
    }

    HttpResponseMessage Response(HttpRequestMessage request, int number, List<object> head)
    {
        var response = new HttpResponseMessage((HttpStatusCode)(int)head[0])
        {
            ReasonPhrase = (string)head[1],
            RequestMessage = request,
            Version = HttpVersion.Version11,
        };
        response.Content = head[3] is byte[] whole
            ? new ByteArrayContent(whole)
            : new StreamContent(new ResponseStream(requests, number, response), ChunkSize);
        AddLines((List<object>)head[2], response.Headers.TryAddWithoutValidation, response.Content.Headers);
        if (head[4] is List<object> trailers)
            AddLines(trailers, response.TrailingHeaders.TryAddWithoutValidation, null);
        return response;
    }

    static void AddLines(List<object> lines, Func<string, string, bool> add, HttpContentHeaders? content)
    {
        for (int i = 0; i + 1 < lines.Count; i += 2)
        {
            if (!add((string)lines[i], (string)lines[i + 1]))
                content?.TryAddWithoutValidation((string)lines[i], (string)lines[i + 1]);
        }
    }

    /// <summary>Nobody reads the rest of a request body.</summary>
    sealed class NotWantedException : IOException;

    /// <summary>What a content writes itself to: JavaScript takes a chunk before the next one follows.</summary>
    sealed class RequestStream(AppRequests requests, int number) : WriteOnlyStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancel = default)
        {
            for (int at = 0; at < buffer.Length; at += ChunkSize)
            {
                var chunk = buffer[at..Math.Min(buffer.Length, at + ChunkSize)];
                if (!await requests.Write(number, chunk).WaitAsync(cancel))
                    throw new NotWantedException();
            }
        }

        public override void Write(byte[] buffer, int offset, int count) =>
            WriteAsync(buffer, offset, count, default).GetAwaiter().GetResult();

        public override void Flush() { }

        public override Task FlushAsync(CancellationToken cancel) => Task.CompletedTask;
    }

    /// <summary>
    /// The response body: read as JavaScript writes, which waits for this. One that nobody refers to any more is given
    /// up: the request would wait for ever.
    /// </summary>
    sealed class ResponseStream(AppRequests requests, int number, HttpResponseMessage response) : ReadOnlyStream
    {
        ReadOnlyMemory<byte> rest;
        bool over;
        bool disposed;
        Exception? failure;

        public override bool CanRead => !disposed;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (failure != null)
                throw new HttpRequestException(failure.Message, failure);
            if (rest.IsEmpty && !over && buffer.Length > 0)
                await Fill(cancel);
            int count = Math.Min(rest.Length, buffer.Length);
            rest[..count].CopyTo(buffer);
            rest = rest[count..];
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            ReadAsync(buffer, offset, count, default).GetAwaiter().GetResult();

        async Task Fill(CancellationToken cancel)
        {
            try
            {
                var read = await requests.Read(number).WaitAsync(cancel);
                if (read is byte[] bytes)
                {
                    rest = bytes;
                    return;
                }
                AddLines((List<object>)read, response.TrailingHeaders.TryAddWithoutValidation, null);
                End();
            }
            catch (OperationCanceledException error)
            {
                // What comes now would be lost.
                failure = error;
                GiveUp();
                throw;
            }
            catch (Exception error) when (error is JsException or OwinException)
            {
                failure = error;
                End();
                throw new HttpRequestException(error.Message, error);
            }
        }

        void End()
        {
            over = true;
            GC.SuppressFinalize(this);
        }

        void GiveUp()
        {
            if (!over)
                requests.Cancel(number);
            End();
        }

        protected override void Dispose(bool disposing)
        {
            disposed = true;
            GiveUp();
            base.Dispose(disposing);
        }

        // No finalizer may wait for a lock, or throw.
        ~ResponseStream() =>
            ThreadPool.UnsafeQueueUserWorkItem(
                static left => left.requests.Cancel(left.number),
                (requests, number),
                preferLocal: false
            );
    }
}
