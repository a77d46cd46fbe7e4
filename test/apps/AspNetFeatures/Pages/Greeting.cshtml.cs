using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace AspNetFeatures.Pages;

public class GreetingModel : PageModel
{
    [BindProperty]
    public string Name { get; set; } = "";

    [TempData]
    public string? Greeting { get; set; }

    public IActionResult OnPost()
    {
        Greeting = $"Good day, {Name}";
        return RedirectToPage();
    }
}
