using Microsoft.AspNetCore.Mvc;

namespace AspNetFeatures.Controllers;

public class HomeController : Controller
{
    public IActionResult Index(string? id) => View(model: id ?? "nobody");
}
