insert into public.customers (customer_id, first_name, last_name, email, gender, income, fico) values
    (1, 'Waylen', 'Tubble',  'wtubble0@hc360.com',        'Male',   403646, 465),
    (2, 'Joell',  'Wilshin', 'jwilshin1@yellowpages.com', 'Female', 109825, 624),
    (3, 'Ilaire', 'Latus',   'ilatus2@baidu.com',         'Male',   407964, 683)
on conflict (customer_id) do nothing;
