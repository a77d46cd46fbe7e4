using AspNetFeatures.Components;

namespace AspNetFeatures.Features;

/// Controllers, Razor pages, views and components.
static class PagesAndViews
{
    public static void AddPages(this WebApplicationBuilder builder)
    {
        builder.Services.AddControllersWithViews();
        builder.Services.AddRazorPages();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
    }

    public static void MapPages(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapControllers();
        app.MapControllerRoute("default", "{controller}/{action}/{id?}");
        app.MapRazorPages();
        app.MapRazorComponents<Root>().AddInteractiveServerRenderMode();
    }
}
