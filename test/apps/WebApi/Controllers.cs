using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Principal;
using System.Text;
using System.Web.Http;
using System.Web.Http.Filters;

namespace WebApi.Controllers;

public class Order
{
    public int Id { get; set; }

    [Required, StringLength(10)]
    public string Customer { get; set; }

    [Range(1, 100)]
    public int Count { get; set; }
}

/// By convention: api/orders/{id}, the method by the verb.
public class OrdersController : ApiController
{
    static readonly Order[] Orders =
    [
        new()
        {
            Id = 1,
            Customer = "Ella",
            Count = 2,
        },
        new()
        {
            Id = 2,
            Customer = "Żaneta",
            Count = 3,
        },
    ];

    public IEnumerable<Order> Get() => Orders;

    public IHttpActionResult Get(int id) =>
        Array.Find(Orders, each => each.Id == id) is { } order ? Ok(order) : NotFound();

    public IHttpActionResult Post(Order order)
    {
        if (!ModelState.IsValid)
            return BadRequest(ModelState);
        order.Id = 3;
        return CreatedAtRoute("DefaultApi", new { id = order.Id }, order);
    }

    public void Delete(int id) { }
}

/// By attributes.
[RoutePrefix("v2/things")]
public class ThingsController : ApiController
{
    static int released;

    [Route("{id:int}/{name}")]
    public string GetThing(int id, string name, [FromUri] string[] tags = null) =>
        $"{id} {name} {string.Join(',', tags ?? [])}";

    [Route("link", Name = "link")]
    public string GetLink() => Url.Link("link", new { a = 1 }) + " " + Request.GetRequestContext().VirtualPathRoot;

    [Route("content")]
    public string GetContent() => Url.Content("~/site.css");

    [Route("boom")]
    public string GetBoom() => throw new InvalidOperationException("the action has failed");

    [Route("teapot")]
    public string GetTeapot() =>
        throw new HttpResponseException(
            new HttpResponseMessage((HttpStatusCode)418) { ReasonPhrase = "I am a teapot" }
        );

    [Route("user")]
    public string GetUser() =>
        $"{User?.Identity?.Name}|{Thread.CurrentPrincipal?.Identity?.Name}|{User?.IsInRole("reader")}";

    [Route("secret"), Authorize(Roles = "reader")]
    public string GetSecret() => $"for {User.Identity.Name}";

    [Route("basic"), Basic]
    public string GetBasic() => $"{User.Identity.Name}|{Thread.CurrentPrincipal.Identity.Name}";

    [Route("local")]
    public string GetLocal() => $"{Request.IsLocal()}|{Request.GetClientCertificate()?.Subject ?? "none"}";

    [Route("env")]
    public string GetEnv() =>
        (string)((IDictionary<string, object>)Request.Properties["MS_OwinEnvironment"])["node.OriginalUrl"];

    [Route("ticks")]
    public HttpResponseMessage GetTicks() =>
        new()
        {
            Content = new PushStreamContent(
                async (stream, content, context) =>
                {
                    await using (stream)
                    {
                        for (int i = 0; i < 3; i++)
                        {
                            await stream.WriteAsync(Encoding.UTF8.GetBytes($"data: {i}\n\n"));
                            await stream.FlushAsync();
                        }
                    }
                },
                "text/event-stream"
            ),
        };

    [Route("endless")]
    public HttpResponseMessage GetEndless() =>
        new()
        {
            Content = new PushStreamContent(
                async (stream, content, context) =>
                {
                    try
                    {
                        while (true)
                        {
                            await stream.WriteAsync("tick\n"u8.ToArray());
                            await Task.Delay(5);
                        }
                    }
                    finally
                    {
                        Interlocked.Increment(ref released);
                        stream.Close();
                    }
                }
            ),
        };

    [Route("download")]
    public HttpResponseMessage GetDownload(int size)
    {
        var response = new HttpResponseMessage { Content = new StreamContent(new MemoryStream(new byte[size])) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return response;
    }

    [Route("upload"), HttpPost]
    public async Task<long> Upload()
    {
        var stream = await Request.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        long total = 0;
        for (int read; (read = await stream.ReadAsync(buffer)) > 0; )
            total += read;
        return total;
    }

    [Route("form"), HttpPost]
    public async Task<string> Form()
    {
        var parts = (await Request.Content.ReadAsMultipartAsync()).Contents;
        var texts = await Task.WhenAll(
            parts.Select(async each => $"{each.Headers.ContentDisposition.Name}={await each.ReadAsStringAsync()}")
        );
        return string.Join('&', texts);
    }

    [Route("register")]
    public string GetRegister()
    {
        Request.RegisterForDispose(new Resource());
        return "registered";
    }

    [Route("released")]
    public int GetReleased() => released;

    sealed class Resource : IDisposable
    {
        public void Dispose() => Interlocked.Increment(ref released);
    }
}

/// An authentication filter, which sets the principal of the request's context.
sealed class BasicAttribute : FilterAttribute, IAuthenticationFilter
{
    public Task AuthenticateAsync(HttpAuthenticationContext context, CancellationToken cancelled)
    {
        context.Principal = new GenericPrincipal(new GenericIdentity("basic"), []);
        return Task.CompletedTask;
    }

    public Task ChallengeAsync(HttpAuthenticationChallengeContext context, CancellationToken cancelled) =>
        Task.CompletedTask;
}
