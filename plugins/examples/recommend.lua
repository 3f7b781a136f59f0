-- Fills slots with products for this visitor, out of a list that the shop keeps for each in Redis, best first:
--
--   RPUSH personalize:{<visitor>}:recommended "/p/parka Warm parka" "/p/boots Dry boots"
--
--   personalize_plugin /etc/nginx/personalize/recommend.lua most=4;
--
-- and in a rule:
--
--   content: recommend
--   do:
--     inner: "{{#content.products}}<a href=\"{{url}}\">{{title}}</a>{{/content.products}}"

local most

return {
  name = "recommend",
  options = { most = 4 },

  configure = function(options)
    most = assert(tonumber(options.most), "recommend: most must be a number")
  end,

  -- One more than wanted: the product that the visitor is looking at is left out.
  content_needs = function(request, slot, c)
    return { { "LRANGE", "recommended", "0", tostring(most) } }
  end,

  content = function(request, slot, replies, c)
    local products = {}
    for _, entry in ipairs(replies[1] or {}) do
      local space = entry:find(" ")
      local url = entry:sub(1, (space or 0) - 1)
      if space and url ~= request.path and #products < most then
        table.insert(products, { url = url, title = entry:sub(space + 1) })
      end
    end
    if #products == 0 then return nil end  -- the page keeps what it has
    return { products = products }
  end,
}
