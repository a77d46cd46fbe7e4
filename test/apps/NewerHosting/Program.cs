// An app that brings a newer Microsoft.Extensions.Hosting than the framework that runs has.
new Microsoft.Extensions.Hosting.HostBuilder().Build();
