rule { id = "second", slot = "hero", when = function(c) return c.geo.country == "DE" end,
       template = '<img src="http://cdn.example/x.png">' }
